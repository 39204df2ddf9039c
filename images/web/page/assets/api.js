// Calls to /api on this page's own origin, and error messages for users.

const TOKEN = "ai-platform-token";
const TIME_OUT_MS = 20_000; // a little more than the proxy's own 15 s

const WORDS = {
  401: "The access token was not accepted. Please sign in again.",
  413: "This observation is larger than the platform accepts.",
  422: "The platform could not read this observation.",
  429: "The platform is busy. Please try again in a moment.",
  504: "The platform did not answer in time. Please try again.",
};
const UNAVAILABLE = "The service is unavailable right now. Please try again in a moment.";
const UNREACHABLE = "The platform cannot be reached. Please check your connection.";

export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  keep: (value) => sessionStorage.setItem(TOKEN, value),
  forget: () => sessionStorage.removeItem(TOKEN),
};

async function call(path, { method = "GET", body, bearer } = {}) {
  const headers = { Accept: "application/json" };
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(TIME_OUT_MS),
    });
  } catch (error) {
    throw new ApiError(error.name === "TimeoutError" ? WORDS[504] : UNREACHABLE, 0);
  }
  if (!response.ok) {
    throw new ApiError(WORDS[response.status] ?? UNAVAILABLE, response.status);
  }
  try {
    return await response.json();
  } catch {
    throw new ApiError(UNAVAILABLE, response.status);
  }
}

export const getStatus = () => call("/api/status");

export function listDecisions(bearer, { limit = 20, before } = {}) {
  const query = new URLSearchParams({ limit });
  if (before) query.set("before", before);
  return call(`/api/decisions?${query}`, { bearer });
}

export const decide = (bearer, observation) =>
  call("/api/decisions", { method: "POST", body: observation, bearer });
