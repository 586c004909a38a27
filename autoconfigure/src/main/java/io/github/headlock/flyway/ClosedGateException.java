package io.github.headlock.flyway;

/**
 * Stops Flyway before a migration that requires something which is to be done first.
 */
final class ClosedGateException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String script;

	ClosedGateException(String script) {
		super("Not begun yet: " + script);
		this.script = script;
	}

	/** Path of the migration. */
	String script() {
		return this.script;
	}

}
