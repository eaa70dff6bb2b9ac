/** What is wrong with user and password of a URL, without repeating them; `undefined`: nothing. */
export function loginProblem(flag: string, { username, password }: URL): string | undefined {
  try {
    decodeURIComponent(username + password);
    return undefined;
  } catch {
    return `--${flag} has a % in its user or password that begins no escape; a % itself is written as %25`;
  }
}
