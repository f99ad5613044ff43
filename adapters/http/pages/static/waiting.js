// Where we wait to hear of a payment: looks again by itself, and shows the page anew only when there is news. A page that
// was loaded again each time would throw those who have it read to them back to its beginning.
"use strict";

const waitingOn = (page) => page.querySelector("[data-look-again]");
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function look(path) {
  const answer = await fetch(path);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function wait(waiting) {
  const { lookAgain, pauseS } = waiting.dataset;
  await pause(pauseS);
  const seen = await look(lookAgain).catch(() => null);
  const still = seen && seen.title === document.title && waitingOn(seen);
  if (still) await wait(still);
  else location.replace(lookAgain);
}

if (waitingOn(document)) wait(waitingOn(document));
