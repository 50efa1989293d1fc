/// Updates the marked parts of a page when the coordinator reports a change. Pages also work without it.
enum LiveScript {
  static let source: StaticString =
    """
    "use strict";
    (() => {
      const topic = document.body.dataset.topic;
      // Adds the reader's local time below each UTC time, unless they are the same.
      const sameDay = (a, b) => a.toDateString() === b.toDateString();
      const localise = (root) => {
        for (const time of root.querySelectorAll("time[data-clock]")) {
          const date = new Date(time.dateTime);
          if (isNaN(date) || date.getTimezoneOffset() === 0 || time.querySelector(".local")) continue;
          const utc = new Date(date.getTime() + date.getTimezoneOffset() * 60000);
          const options = { hour: "2-digit", minute: "2-digit" };
          if (!sameDay(date, utc)) Object.assign(options, { day: "numeric", month: "short" });
          const local = document.createElement("span");
          local.className = "under local";
          local.textContent = date.toLocaleString("en-GB", options) + " your time";
          time.append(local);
        }
      };
      localise(document);
      const zone = document.getElementById("zone");
      if (zone && new Date().getTimezoneOffset() !== 0) {
        zone.textContent = "Times are UTC, with your local time below (" + Intl.DateTimeFormat().resolvedOptions().timeZone + ").";
      }
      if (!topic) return;

      const status = document.getElementById("live-status");
      const say = (text) => { if (status && status.textContent !== text) status.textContent = text; };
      const reachable = "a[href], summary, [tabindex='0']";
      let events = null, timer = null, busy = false, again = false;

      // Replaces a part of the page, but keeps what the reader was doing: open details, scroll position and
      // focus.
      const replace = (old, fresh) => {
        for (const open of old.querySelectorAll("details[open]")) {
          const same = open.id && fresh.querySelector("#" + CSS.escape(open.id));
          if (same) same.open = true;
        }
        if (old.isEqualNode(fresh)) return;
        const active = document.activeElement;
        if (old.contains(active) && active.matches("input, textarea, button")) return;
        const focused = [...old.querySelectorAll(reachable)].indexOf(active);
        const places = [...old.querySelectorAll(".scroll")].map((region) => region.scrollLeft);
        old.replaceWith(fresh);
        [...fresh.querySelectorAll(".scroll")].forEach((region, index) => { region.scrollLeft = places[index] || 0; });
        if (focused >= 0) fresh.querySelectorAll(reachable)[focused]?.focus({ preventScroll: true });
      };

      const renew = async () => {
        timer = null;
        if (busy) { again = true; return; }
        busy = true;
        try {
          const answer = await fetch(location.href, { redirect: "manual", headers: { Accept: "text/html" } });
          if (answer.type === "opaqueredirect" || answer.status === 401) { location.reload(); return; }
          if (!answer.ok) throw new Error("status " + answer.status);
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          for (const old of document.querySelectorAll("[data-live]")) {
            const fresh = page.getElementById(old.id);
            if (!fresh) continue;
            const part = document.importNode(fresh, true);
            localise(part);
            replace(old, part);
          }
          say("This page updates itself.");
        } catch {
          say("The coordinator does not answer. This page keeps trying; its contents may be out of date.");
        } finally {
          busy = false;
          if (again) { again = false; soon(); }
        }
      };

      // Update at most once per second, however often something changes.
      const soon = () => { timer ??= setTimeout(renew, 1000); };

      const connect = () => {
        if (events) return;
        events = new EventSource("/events");
        events.addEventListener("open", () => { say("This page updates itself."); soon(); });
        events.addEventListener("change", (event) => { if (topic === "all" || event.data === topic) soon(); });
        events.addEventListener("error", () => {
          say("The coordinator does not answer. This page keeps trying; its contents may be out of date.");
          if (events && events.readyState === EventSource.CLOSED) { events = null; setTimeout(connect, 30000); soon(); }
        });
      };

      // Pages in the background close their connection, since browsers allow only six per host.
      const look = () => {
        if (document.visibilityState === "hidden") { events?.close(); events = null; } else { connect(); }
      };
      document.addEventListener("visibilitychange", look);
      // Texts such as "3 min ago" must be updated even if nothing else changes.
      setInterval(() => { if (document.visibilityState !== "hidden") soon(); }, 30000);
      look();
    })();
    """
}
