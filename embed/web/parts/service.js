// A push service as people know it: the vendor's name, or its host where there is none.
const vendors = [
  ["FCM", /(^|\.)google(apis)?\.com$/],
  ["Mozilla", /(^|\.)(mozilla\.com|mozaws\.net)$/],
  ["Apple", /(^|\.)apple\.com$/],
  ["Windows", /(^|\.)(windows|microsoft)\.com$/],
];

// serviceName answers "FCM" for https://fcm.googleapis.com.
export function serviceName(service) {
  const host = service.replace(/^https?:\/\//, "");
  const [vendor] = vendors.find(([, pattern]) => pattern.test(host.replace(/:\d+$/, ""))) || [host];
  return vendor;
}
