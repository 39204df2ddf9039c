// The page requests the platform's status every 10 s while it is visible, and less often after failures.

import { getStatus } from "./api.js";
import { byId, percent } from "./dom.js";

const EVERY_MS = 10_000;
const AT_MOST_MS = 60_000;

const WORDS = { up: "Working", down: "Not working", unknown: "Unknown" };
const SERVICES = { database: "database", cache: "cache", decision: "decision service" };

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

function tile(service, state) {
  const node = byId(`tile-${service}`);
  node.dataset.state = state;
  node.querySelector(".value").textContent = WORDS[state];
}

function pill(state, words) {
  const node = byId("health");
  node.dataset.state = state;
  if (node.textContent !== words) node.textContent = words; // Screen readers announce a change.
}

function show(status) {
  const down = Object.keys(SERVICES).filter((service) => !status[service].up);
  for (const service of Object.keys(SERVICES)) tile(service, down.includes(service) ? "down" : "up");
  if (status.status === "ok") pill("up", "All systems working");
  else pill(status.status, `Not working: ${down.map((service) => SERVICES[service]).join(", ")}`);

  const { model } = status.decision;
  byId("tile-model").querySelector(".value").textContent = model ? percent(model.accuracy, 1) : "–";
  byId("model-name").textContent = model
    ? `${model.name}, measured on ${model.evaluation_size} images`
    : "not known while the decision service is down";
  byId("versions").textContent = `Platform version ${status.version}`;
  byId("checked").textContent = `Checked at ${clock.format(new Date())}`;
}

function showUnavailable(error, waitMs) {
  for (const service of Object.keys(SERVICES)) tile(service, "unknown");
  pill("down", "Service unavailable");
  byId("checked").textContent = `${error.message} Next try in ${waitMs / 1000} s.`;
}

export function watchStatus({ onAnswer }) {
  let failures = 0;
  let timer = 0;

  async function ask() {
    clearTimeout(timer);
    let waitMs = EVERY_MS;
    try {
      show(await getStatus());
      failures = 0;
      onAnswer();
    } catch (error) {
      waitMs = Math.min(EVERY_MS * 2 ** failures, AT_MOST_MS);
      failures += 1;
      showUnavailable(error, waitMs);
    }
    if (!document.hidden) timer = setTimeout(ask, waitMs);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else ask();
  });
  ask();
}
