// The steps of a delivery's story, from what the server keeps of it and what was heard of it.

const reactions = { displayed: "displayed_at", clicked: "clicked_at", closed: "closed_at" };

const accepted = ({ created_at, started_at, scheduled_at }) => [
  { kind: "accepted", at: created_at },
  ...(scheduled_at && started_at ? [{ kind: "due", at: started_at }] : []),
];

// attempts are those that were heard; of the others it is known only that there were some, and how it ended.
function attempts(delivery, heard) {
  const list = heard.filter(({ event }) => !(event in reactions)).map((one) => ({ kind: one.event, at: one.at, one }));
  if (!list.some(({ kind }) => kind === delivery.status)) list.push({ kind: delivery.status, at: delivery.sent_at, one: delivery });
  const missed = list[0].one.attempts - 1;
  return missed > 0 ? [{ kind: "missed", at: null, count: missed }, ...list] : list;
}

const seen = (delivery) => Object.entries(reactions)
  .filter(([, key]) => delivery[key])
  .map(([kind, key]) => ({ kind, at: delivery[key], one: delivery }))
  .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));

// steps answers {kind, at, since, one}, the newest first: at is null when nobody knows it, since the milliseconds after
// the step before, one the delivery as it was then. heard are events of it in their order.
export function steps(notification, delivery, heard) {
  const all = [...(notification ? accepted(notification) : []), ...attempts(delivery, heard), ...seen(delivery)];
  let before = null;
  for (const step of all) {
    const at = step.at && Date.parse(step.at);
    step.since = at && before ? Math.max(0, at - before) : null;
    before = at || before;
  }
  return all.reverse();
}
