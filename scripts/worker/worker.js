// The service worker: keeps the files of one build, so that MySafe starts without a network and an open page has its own build until it is reloaded.
// Nothing is kept but what FILES lists: no answer of the server to a person, nothing sealed and nothing opened. build.mjs puts BUILD and FILES before this.

const CACHE = `mysafe-${BUILD}`;
const LISTED = new Set(FILES.map(([path]) => path));
/** Names with a hash in them stand for one content, whichever build it is of. */
const HASHED = /^\/[^/]+-[0-9a-f]{13,16}[^/]*\.(css|js|wasm)$/;
/** What the server answers itself. */
const SERVER = /^\/(api\/|healthz$|readyz$)/;
/** How long a page waits for the network before it starts from here, in milliseconds. */
const PATIENCE_MS = 3000;

/** All files or none, each with the content that belongs to this build. */
async function install() {
  const cache = await caches.open(CACHE);
  // What has a hash in its name has mostly been loaded a moment ago.
  const request = ([path, integrity]) => new Request(path, { integrity, cache: HASHED.test(path) ? "default" : "no-cache" });
  try {
    await cache.addAll(FILES.map(request));
  } catch (error) {
    // The browser tries again later.
    await caches.delete(CACHE);
    throw error;
  }
}

/** The build before stays until the next one: other tabs may still show it. Older ones go. */
async function activate() {
  const kept = (await caches.keys()).filter((name) => name.startsWith("mysafe-"));
  await Promise.all(kept.slice(0, Math.max(0, kept.indexOf(CACHE) - 1)).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The page as the server has it; where it cannot be had soon, the one of this build. */
async function page(request) {
  const answer = fetch(request);
  const late = new Promise((done) => setTimeout(done, PATIENCE_MS));
  const first = await Promise.race([answer.catch(() => undefined), late]);
  if (first && first.status < 500) return first;
  return (await caches.match("/", { cacheName: CACHE, ignoreVary: true })) ?? answer;
}

async function file(request, path) {
  const cacheName = LISTED.has(path) ? CACHE : undefined;
  return (await caches.match(request, { cacheName, ignoreVary: true })) ?? fetch(request);
}

self.addEventListener("install", (event) => {
  // Where the browser can, what the server answers does not even wake the worker.
  event.addRoutes?.({ condition: { urlPattern: { pathname: "/api/*" } }, source: "network" });
  event.waitUntil(install());
});

self.addEventListener("activate", (event) => event.waitUntil(activate()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || SERVER.test(pathname)) return;
  if (request.mode === "navigate") {
    // Files have a dot in their name, pages do not.
    if (!pathname.split("/").at(-1).includes(".")) event.respondWith(page(request));
  } else if (pathname !== "/" && (LISTED.has(pathname) || HASHED.test(pathname))) {
    event.respondWith(file(request, pathname));
  }
});

// A page says its build, or that the person wants this one. For a page of this very build there is nothing to wait for; another one learns that it is
// not the newest.
self.addEventListener("message", (event) => {
  if (event.data === "reload" || event.data === BUILD) {
    self.skipWaiting();
  } else {
    event.source.postMessage("newer");
  }
});
