// Small helpers that build parts of the page. They always set text as text, never as HTML.

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

// Rounded down, so that nothing below 100 % is shown as 100 %.
export function percent(share, digits = 0) {
  const scale = 10 ** digits;
  return `${(Math.floor(share * 100 * scale) / scale).toFixed(digits)} %`;
}
