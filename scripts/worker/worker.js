// The service worker: keeps the files of one build, so that MySafe starts without a network and an open page has its own build until it is reloaded.
// Nothing is kept but what FILES lists: no answer of the server to a person, nothing sealed and nothing opened. build.mjs puts BUILD and FILES before this.

const CACHE = `mysafe-${BUILD}`;
const LISTED = new Set(FILES.map(([path]) => path));
/** Where the cache of a build says when it began to be used. */
const USED = "/used-since";
/** Names with a hash in them stand for one content, whichever build it is of. */
const HASHED = /^\/[^/]+-[0-9a-f]{13,16}[^/]*\.(css|js|wasm)$/;
/** What the server answers itself. */
const SERVER = /^\/(api\/|healthz$|readyz$)/;
/** How long a page waits for the network before it starts from here, in milliseconds. */
const PATIENCE_MS = 3000;

/** All files or none, each with the content that belongs to this build. */
async function install() {
  // After a way back to an earlier build, what is here is in use.
  const isHere = await caches.has(CACHE);
  const cache = await caches.open(CACHE);
  // What has a hash in its name has mostly been loaded a moment ago.
  const request = ([path, integrity]) => new Request(path, { integrity, cache: HASHED.test(path) ? "default" : "no-cache" });
  try {
    await cache.addAll(FILES.map(request));
  } catch (error) {
    // The browser tries again later.
    if (!isHere) await caches.delete(CACHE);
    throw error;
  }
}

async function usedSince(name) {
  const answer = await caches.match(USED, { cacheName: name });
  return answer ? Number(await answer.text()) : 0;
}

/** The build that was used before stays until the next one: other tabs may still show it. Others that came before this one go; later ones are on their way. */
async function activate() {
  const names = (await caches.keys()).filter((name) => name.startsWith("mysafe-"));
  const since = await Promise.all(names.map((name) => (name === CACHE ? 0 : usedSince(name))));
  const before = Math.max(...since);
  const isOld = (name, index) => name !== CACHE && since[index] < before && (since[index] > 0 || index < names.indexOf(CACHE));
  await Promise.all(names.filter(isOld).map((name) => caches.delete(name)));
  const cache = await caches.open(CACHE);
  await cache.put(USED, new Response(String(Date.now())));
  await self.clients.claim();
}

/** The page as the server has it; where it cannot be had soon, the one of this build. */
async function page(request) {
  const answer = fetch(request);
  // Where it comes too late, nobody waits for it.
  answer.catch(() => {});
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
  event.waitUntil(install());
  // Where the browser can, what the server answers does not even wake the worker; where it cannot, nothing is lost.
  try {
    event.addRoutes?.({ condition: { urlPattern: { pathname: "/api/*" } }, source: "network" })?.catch(() => {});
  } catch {}
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
