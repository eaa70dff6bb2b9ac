/** One admitted session of one user. */
export interface Manager {
  readonly id: string;
  readonly user: string;
}
