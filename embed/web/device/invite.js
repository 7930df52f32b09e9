// An invite comes in the address, ?invite=…, and is kept until it has been used.
const KEY = "recado.invite";

const fromAddress = () => new URLSearchParams(location.search).get("invite") || "";

export function current() {
  try { return fromAddress() || localStorage.getItem(KEY) || ""; } catch { return fromAddress(); }
}

// keep also carries the invite over to the home screen: a page installed on iOS starts with storage
// of its own, so the manifest's start address has to bring the invite along.
export function keep() {
  const invite = fromAddress();
  if (!invite) return;
  try { localStorage.setItem(KEY, invite); } catch { /* the address still has it */ }
  const manifest = document.querySelector('link[rel="manifest"]');
  manifest.href = `/manifest.webmanifest?invite=${encodeURIComponent(invite)}`;
}

// drop forgets it: it has been used, or is good for nothing.
export function drop() {
  try { localStorage.removeItem(KEY); } catch { /* never was there */ }
  const url = new URL(location.href);
  if (!url.searchParams.has("invite")) return;
  url.searchParams.delete("invite");
  history.replaceState(null, "", url);
}
