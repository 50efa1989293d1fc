/// Renews the marked parts of a page when the coordinator tells of a change; pages work without it.
enum LiveScript {
  static let source: StaticString =
    """
    "use strict";
    (() => {
      const topic = document.body.dataset.topic;
      // The reader's own time below each in UTC, unless their clock shows UTC.
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

      // Puts a part in place of its older self and keeps what the reader was about: open details, place and focus.
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
          say("This page renews itself.");
        } catch {
          say("The coordinator does not answer. This page tries again by itself; what it shows may be old.");
        } finally {
          busy = false;
          if (again) { again = false; soon(); }
        }
      };

      // At most one a second, however often something changes.
      const soon = () => { timer ??= setTimeout(renew, 1000); };

      const connect = () => {
        if (events) return;
        events = new EventSource("/events");
        events.addEventListener("open", () => { say("This page renews itself."); soon(); });
        events.addEventListener("change", (event) => { if (topic === "all" || event.data === topic) soon(); });
        events.addEventListener("error", () => {
          say("The coordinator does not answer. This page tries again by itself; what it shows may be old.");
          if (events && events.readyState === EventSource.CLOSED) { events = null; setTimeout(connect, 30000); soon(); }
        });
      };

      // A page in the background holds no connection: browsers allow six to a host.
      const look = () => {
        if (document.visibilityState === "hidden") { events?.close(); events = null; } else { connect(); }
      };
      document.addEventListener("visibilitychange", look);
      // What depends on the time of day, such as "3 min ago", moves even where nothing changes.
      setInterval(() => { if (document.visibilityState !== "hidden") soon(); }, 30000);
      look();
    })();
    """
}
