// Small helpers to build the page's parts. Text is always set as text, never as HTML.

export const byId = (id) => document.getElementById(id);

export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export function notice(id, message) {
  const node = byId(id);
  node.textContent = message;
  node.hidden = !message;
}

// Rounded down: 100 % is said of nothing less.
export function percent(share, digits = 0) {
  const scale = 10 ** digits;
  return `${(Math.floor(share * 100 * scale) / scale).toFixed(digits)} %`;
}
