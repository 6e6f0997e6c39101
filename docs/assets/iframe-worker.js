/*
 * Browsers start no worker from a page that is opened from disk. There, this stands in for one: the
 * script runs in a hidden frame, and messages go back and forth as events. Used by the search.
 */
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      this.waiting = [];
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.title = "Search";
      this.frame.srcdoc = `<script src="${address}"></script>`;
      this.frame.addEventListener("load", () => this.begin());
      document.body.append(this.frame);
    }

    begin() {
      const room = this.frame.contentWindow;
      room.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      this.deliver = (data) => room.dispatchEvent(new room.MessageEvent("message", { data }));
      this.waiting.forEach(this.deliver);
      this.waiting = [];
    }

    postMessage(data) {
      if (this.deliver) {
        this.deliver(data);
      } else {
        this.waiting.push(data);
      }
    }

    terminate() {
      this.frame.remove();
    }
  };
}
