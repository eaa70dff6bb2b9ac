/** Thrown by a step that proves nothing and is worth a second look: the tracker records nothing, and the scenario is played once more. */
export class PlayAgain extends Error {}
