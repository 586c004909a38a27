package io.github.headlock.roles;

import java.io.Serializable;

import io.github.headlock.PrintableText;

/**
 * Describes one reason why a role cannot be blocked.
 *
 * @param problem the reason, in words
 * @param remedy the SQL that removes it, or what else to do, in words
 */
public record PreflightFailure(String problem, String remedy) implements Serializable {

	/**
	 * Makes one printable line of each text.
	 * @param problem the reason, with any characters
	 * @param remedy what removes it, with any characters
	 */
	public PreflightFailure {
		problem = PrintableText.line(problem);
		remedy = PrintableText.line(remedy);
	}

}
