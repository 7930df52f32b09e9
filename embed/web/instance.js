// What the server says about itself, in attributes of <html>: the policy allows no inline script to say it.
const { instance, base, version } = document.documentElement.dataset;

export { instance, base, version };
