package io.github.headlock.campaign;

import java.util.List;

/**
 * What a round was to be, as reports tell it.
 *
 * @param text what was rolled out, and the faults that were planned
 * @param traits all that makes it a special one
 * @param kinds the kinds of faults that such rounds may have, in their order
 * @param invariants what is checked in such rounds, in its order
 */
record RoundSummary(String text, List<String> traits, List<? extends ReportedFault> kinds, List<Invariant> invariants) {
}
