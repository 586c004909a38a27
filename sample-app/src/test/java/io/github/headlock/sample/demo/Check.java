package io.github.headlock.sample.demo;

/**
 * A promise and whether it was kept.
 *
 * @param promise what should be
 * @param kept whether it is
 * @param seen what was seen
 */
record Check(String promise, boolean kept, String seen) {

	static Check equal(String promise, Object expected, Object actual) {
		boolean kept = expected.equals(actual);
		return new Check(promise, kept, kept ? String.valueOf(actual) : "%s instead of %s".formatted(actual, expected));
	}

	@Override
	public String toString() {
		return "  [%s] %s: %s".formatted(this.kept ? "ok" : "FAILED", this.promise, this.seen);
	}

}
