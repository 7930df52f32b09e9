// A page in the manner of the push codelab: it knows the server's three routes and nothing else of it.
'use strict';

const server = new URLSearchParams(location.search).get('server');
const headers = { 'Content-Type': 'application/json' };
const pushButton = document.querySelector('.js-push-btn');

let isSubscribed = false;
let swRegistration = null;

function urlB64ToUint8Array(base64String) {
  const padding = '='.repeat((4 - base64String.length % 4) % 4);
  const base64 = (base64String + padding).replace(/\-/g, '+').replace(/_/g, '/');
  const rawData = window.atob(base64);
  const outputArray = new Uint8Array(rawData.length);
  for (let i = 0; i < rawData.length; ++i) {
    outputArray[i] = rawData.charCodeAt(i);
  }
  return outputArray;
}

function fail(error) {
  document.getElementById('error').textContent = error.name + ': ' + error.message;
  updateBtn();
}

function updateBtn() {
  if (Notification.permission === 'denied') {
    pushButton.textContent = 'Push messaging blocked';
    pushButton.disabled = true;
    return;
  }
  pushButton.textContent = isSubscribed ? 'Disable push messaging' : 'Enable push messaging';
  pushButton.disabled = false;
}

function subscribeUser() {
  return fetch(server + '/api/subscribe', { method: 'GET', headers })
    .then(response => response.json())
    .then(data => swRegistration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: urlB64ToUint8Array(data.public_key),
    }))
    .then(subscription => {
      document.querySelector('.js-subscription-json').textContent = JSON.stringify(subscription);
      return fetch(server + '/api/subscribe', { method: 'POST', headers, body: JSON.stringify(subscription) });
    })
    .then(response => response.json())
    .then(data => {
      if (!data.id) throw new Error('no id: ' + JSON.stringify(data));
      localStorage.setItem('client_uuid', data.id);
      isSubscribed = true;
      updateBtn();
    })
    .catch(fail);
}

function unsubscribeUser() {
  return swRegistration.pushManager.getSubscription()
    .then(subscription => subscription && subscription.unsubscribe())
    .then(() => fetch(server + '/api/unsubscribe', {
      method: 'POST', headers, body: JSON.stringify({ client_uuid: localStorage.getItem('client_uuid') }),
    }))
    .then(response => {
      if (!response.ok) throw new Error('unsubscribe: ' + response.status);
      isSubscribed = false;
      updateBtn();
    })
    .catch(fail);
}

pushButton.addEventListener('click', () => {
  pushButton.disabled = true;
  if (isSubscribed) unsubscribeUser();
  else subscribeUser();
});

navigator.serviceWorker.register('sw.js')
  .then(() => navigator.serviceWorker.ready)
  .then(registration => {
    swRegistration = registration;
    return registration.pushManager.getSubscription();
  })
  .then(subscription => {
    isSubscribed = subscription !== null;
    updateBtn();
  })
  .catch(fail);
