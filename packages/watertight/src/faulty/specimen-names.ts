/** What the factories of specimens that share a process are called: by their fault, and by their place where one is there twice. */
export function specimenNames(ids: readonly string[]): readonly string[] {
  return ids.map((id, index) => (ids.indexOf(id) === index ? id : `${id} ${index}`));
}
