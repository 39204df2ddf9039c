// The page. It shows the status. After sign-in, it also shows decisions and accepts observations.

import { ApiError, decide, listDecisions, token } from "./api.js";
import { hideDecision, Latest, showDecision } from "./decisions.js";
import { byId, element, notice } from "./dom.js";
import { Pad, thumbnail } from "./pad.js";
import { samples } from "./samples.js";
import { watchStatus } from "./status.js";

const pad = new Pad(byId("pad"));
const latest = new Latest();

function showSignedIn(signedIn) {
  byId("welcome").hidden = signedIn;
  byId("workspace").hidden = !signedIn;
  byId("sign-out").hidden = !signedIn;
}

function signOut(reason = "") {
  token.forget();
  latest.clear();
  hideDecision();
  pad.clear();
  showSignedIn(false);
  notice("sign-in-error", reason);
  byId("token").focus();
}

// Returns the answer to a call that needs the token, or null. It shows an error in the notice `noticeId`.
async function ask(noticeId, call) {
  const bearer = token.get();
  try {
    const answer = await call(bearer);
    if (bearer !== token.get()) return null; // The user has signed out meanwhile.
    notice(noticeId, "");
    return answer;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (bearer !== token.get()) return null;
    if (error.status === 401) signOut(error.message);
    else notice(noticeId, error.message);
    return null;
  }
}

async function refresh() {
  const page = await ask("latest-error", (bearer) => listDecisions(bearer));
  if (page) latest.addNewest(page);
}

// Disables a button while its action runs.
async function whileBusy(button, action) {
  button.disabled = true;
  try {
    await action();
  } finally {
    button.disabled = false;
  }
}

byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = byId("token");
  const value = field.value.trim();
  whileBusy(event.submitter, async () => {
    try {
      const page = await listDecisions(value);
      token.keep(value);
      field.value = "";
      notice("sign-in-error", "");
      showSignedIn(true);
      latest.addNewest(page);
      byId("compose-title").focus();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      notice("sign-in-error", error.status === 401 ? "This access token is not correct." : error.message);
      field.select();
    }
  });
});

byId("observe").addEventListener("submit", (event) => {
  event.preventDefault();
  const observation = { source: byId("source").value.trim(), pixels: pad.finish() };
  if (observation.pixels.every((ink) => ink === 0)) {
    notice("observe-error", "Draw a digit or take a sample first.");
    return;
  }
  whileBusy(event.submitter, async () => {
    const decision = await ask("observe-error", (bearer) => decide(bearer, observation));
    if (!decision) return;
    showDecision(decision, observation.pixels);
    byId("decision-title").scrollIntoView({ block: "nearest" });
    await refresh();
  });
});

byId("more").addEventListener("click", (event) => {
  whileBusy(event.currentTarget, async () => {
    const page = await ask("latest-error", (bearer) => listDecisions(bearer, { before: latest.next }));
    if (page) latest.addOlder(page);
  });
});

byId("clear").addEventListener("click", () => {
  pad.clear();
  notice("observe-error", "");
});
byId("sign-out").addEventListener("click", () => signOut());

samples.forEach((pixels, digit) => {
  const button = element("button", { type: "button", className: "sample", ariaLabel: `Sample ${digit}` }, thumbnail(pixels));
  button.addEventListener("click", () => pad.load(pixels));
  byId("samples").append(button);
});

showSignedIn(Boolean(token.get()));
watchStatus({ onAnswer: () => token.get() && refresh() });
