// Something that tells when it has changed, so that what shows it draws itself again (src/ui/observe.ts).
export class Observed {
  private readonly listeners = new Set<() => void>();

  /** Call `listener` after every change, until the function that is returned is called. */
  observe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  protected changed(): void {
    for (const listener of this.listeners) listener();
  }
}
