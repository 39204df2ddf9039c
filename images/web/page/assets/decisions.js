// The decision card and the table of the latest decisions.

import { byId, element, percent } from "./dom.js";
import { thumbnail } from "./pad.js";

const OUTCOMES = {
  accept: { name: "Accepted", sentence: "The platform is confident enough to accept this automatically." },
  review: { name: "To review", sentence: "The platform is not confident enough, so a person should review this decision." },
};

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

function moment(text) {
  const date = new Date(text);
  const today = date.toDateString() === new Date().toDateString();
  return element("time", { dateTime: text, title: dayAndTime.format(date) }, (today ? time : dayAndTime).format(date));
}

function confidence({ confidence: share, outcome }) {
  const bar = element("span", { className: `bar ${outcome}` });
  bar.style.setProperty("--share", share);
  return element("span", { className: "confidence" }, bar, element("span", { className: "number" }, percent(share)));
}

function badge(outcome) {
  return element("span", { className: `badge ${outcome}` }, OUTCOMES[outcome]?.name ?? outcome);
}

export function hideDecision() {
  byId("decision").replaceChildren();
  byId("decision-empty").hidden = false;
}

export function showDecision(decision, pixels) {
  byId("decision-empty").hidden = true;
  const facts = element("dl", { className: "facts" });
  for (const [name, value] of [
    ["Source", decision.source],
    ["Model", decision.model],
    ["Took", `${decision.latency_ms.toFixed(1)} ms`],
    ["Decided", moment(decision.created_at)],
  ]) {
    facts.append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  }
  byId("decision").replaceChildren(
    element("div", { className: "verdict" },
      thumbnail(pixels),
      element("span", { className: "arrow", ariaHidden: "true" }, "→"),
      element("span", { className: "digit" }, decision.label),
      element("div", { className: "certainty" }, badge(decision.outcome), confidence(decision))),
    element("p", {}, OUTCOMES[decision.outcome]?.sentence ?? ""),
    facts);
}

function row(decision) {
  const cell = (label, ...content) => {
    const node = element("td", {}, ...content);
    node.dataset.label = label;
    return node;
  };
  return element("tr", {},
    cell("Time", moment(decision.created_at)),
    cell("Source", decision.source),
    cell("Label", element("span", { className: "label" }, decision.label)),
    cell("Confidence", confidence(decision)),
    cell("Outcome", badge(decision.outcome)));
}

// The rows, newest first. Newer rows are added above the existing ones, older rows below.
export class Latest {
  #ids = new Set();
  #next = null;

  get next() { return this.#next; }

  clear() {
    this.#ids.clear();
    this.#next = null;
    byId("rows").replaceChildren();
    byId("more").hidden = true;
    byId("no-rows").hidden = true;
  }

  addNewest(page) {
    const fresh = page.items.filter((decision) => !this.#ids.has(decision.id));
    if (fresh.length === page.items.length) {
      // The page has no decision in common with the rows. Start again, so that there is no gap.
      this.clear();
      this.#next = page.next;
    }
    byId("rows").prepend(...this.#rows(fresh));
    this.#finish();
  }

  addOlder(page) {
    this.#next = page.next;
    byId("rows").append(...this.#rows(page.items));
    this.#finish();
  }

  #rows(decisions) {
    for (const decision of decisions) this.#ids.add(decision.id);
    return decisions.map(row);
  }

  #finish() {
    byId("more").hidden = !this.#next;
    byId("no-rows").hidden = this.#ids.size > 0;
  }
}
