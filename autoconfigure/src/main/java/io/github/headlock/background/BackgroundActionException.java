package io.github.headlock.background;

import io.github.headlock.PrintableText;

/**
 * An action of an operator was not done. If the database is the reason, and went away in
 * the middle, that is not certain.
 */
public final class BackgroundActionException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final Reason reason;

	BackgroundActionException(Reason reason, String problem) {
		super(PrintableText.line(problem));
		this.reason = reason;
	}

	/**
	 * Returns why it was not done.
	 * @return the reason
	 */
	public Reason reason() {
		return this.reason;
	}

	/** Reasons. */
	public enum Reason {

		/** There is no background migration of this name. */
		UNKNOWN,

		/** The action does not fit the state, or the server is a standby. */
		REFUSED,

		/** The database cannot be reached, or the role lacks a privilege. */
		DATABASE

	}

}
