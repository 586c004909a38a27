package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * What became of the requests of some users.
 *
 * @param answered number of those that were answered well
 * @param failed number of the others
 * @param longest longest time until an answer
 * @param failure what went wrong first, empty if nothing did
 */
record Answers(long answered, long failed, Duration longest, Optional<String> failure) {

	static final Answers NONE = new Answers(0, 0, Duration.ZERO, Optional.empty());

	Answers plusAnswer(Duration time) {
		return new Answers(this.answered + 1, this.failed, (time.compareTo(this.longest) > 0) ? time : this.longest,
				this.failure);
	}

	Answers plusFailure(String reason) {
		return new Answers(this.answered, this.failed + 1, this.longest, this.failure.or(() -> Optional.of(reason)));
	}

	/** Such as "2140 requests answered, the longest after 0.06 s, 0 failed". */
	@Override
	public String toString() {
		if (equals(NONE)) {
			return "no requests yet";
		}
		return String.format(Locale.ROOT, "%d requests answered, the longest after %.2f s, %d failed", this.answered,
				this.longest.toMillis() / 1000.0, this.failed) + this.failure.map((reason) -> ": " + reason).orElse("");
	}

}
