import type { AgentMessage, EnvironmentsReport, Facts, ServicesReport } from '@muster/api/agent';
import { jittered, type Cancel, type Clock } from '../clock.ts';

export type ReporterParts = {
  readonly clock: Clock;
  /** False when there is no connection; the next welcome then brings the report. */
  readonly send: (message: AgentMessage) => boolean;
};

/** Tells the server what this node is: on every welcome, on change, and when the last report is old. Never half a picture. */
export class Reporter {
  readonly #parts: ReporterParts;
  #facts: Facts | undefined;
  #services: ServicesReport | undefined;
  #environments: EnvironmentsReport | undefined;
  #sent = '';
  #reportSeconds = 300;
  #cancel: Cancel = () => undefined;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  setFacts(facts: Facts): void {
    this.#facts = facts;
    this.#report(false);
  }

  setServices(services: ServicesReport): void {
    this.#services = services;
    this.#report(false);
  }

  setEnvironments(environments: EnvironmentsReport): void {
    this.#environments = environments;
    this.#report(false);
  }

  setInterval(reportSeconds: number): void {
    this.#reportSeconds = reportSeconds;
    this.#schedule();
  }

  /** A server that knows nothing yet is listening. */
  welcomed(): void {
    this.#report(true);
  }

  stop(): void {
    this.#cancel();
  }

  #report(evenUnchanged: boolean): void {
    if (this.#facts === undefined || this.#services === undefined) return;
    const environments = this.#environments === undefined ? {} : { environments: this.#environments };
    const message: AgentMessage = { type: 'report', facts: this.#facts, services: this.#services, ...environments };
    const text = JSON.stringify(message);
    if (!evenUnchanged && text === this.#sent) return;
    if (this.#parts.send(message)) this.#sent = text;
    this.#schedule();
  }

  #schedule(): void {
    this.#cancel();
    this.#cancel = this.#parts.clock.after(jittered(this.#reportSeconds * 1000, 0.1, this.#parts.clock.random), () => this.#report(true));
  }
}
