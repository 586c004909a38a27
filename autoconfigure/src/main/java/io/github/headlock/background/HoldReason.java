package io.github.headlock.background;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What was found out about a kind of hold.
 *
 * @param kind the kind
 * @param isKnown whether it could be told
 * @param text the reason to hold, {@code null} for none
 * @param pause until somebody looks again
 */
record HoldReason(HoldKind kind, boolean isKnown, @Nullable String text, Duration pause) {

	/** Until somebody looks again, if nothing says when that is of use. */
	static final Duration PAUSE = Duration.ofSeconds(10);

	private static final Duration UNTIL_KNOWN = Duration.ofSeconds(2);

	static HoldReason none(HoldKind kind) {
		return new HoldReason(kind, true, null, Duration.ZERO);
	}

	static HoldReason unknown(HoldKind kind) {
		return new HoldReason(kind, false, null, Duration.ZERO);
	}

	static HoldReason of(HoldKind kind, String text) {
		return of(kind, text, PAUSE);
	}

	static HoldReason of(HoldKind kind, String text, Duration pause) {
		return new HoldReason(kind, true, text, pause);
	}

	/** As long as it cannot be told, what was found before stays. */
	HoldReason after(Hold hold) {
		String before = hold.because();
		return (!this.isKnown && before != null && hold.kind() == this.kind)
				? new HoldReason(this.kind, false, before, UNTIL_KNOWN) : this;
	}

	boolean isReason() {
		return this.text != null;
	}

	/** Whether it is certain that there is none. */
	boolean isGone() {
		return this.isKnown && this.text == null;
	}

}
