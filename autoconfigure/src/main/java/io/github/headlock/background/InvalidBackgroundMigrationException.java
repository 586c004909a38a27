package io.github.headlock.background;

import java.util.Locale;

import io.github.headlock.HeadlockException;
import io.github.headlock.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when the declaration of a background migration is wrong. Nothing was changed.
 * Exit code 1.
 */
public class InvalidBackgroundMigrationException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final String source;

	private final String remedy;

	/**
	 * Creates the exception.
	 * @param source where it is declared, such as the name of a file
	 * @param problem what is wrong, without a full stop
	 * @param remedy what to write instead, one or more sentences
	 */
	public InvalidBackgroundMigrationException(String source, String problem, String remedy) {
		this(source, problem, remedy, null);
	}

	/**
	 * Creates the exception.
	 * @param source where it is declared, such as the name of a file
	 * @param problem what is wrong, without a full stop
	 * @param remedy what to write instead, one or more sentences
	 * @param cause what code of the team has thrown, {@code null} for nothing
	 */
	public InvalidBackgroundMigrationException(String source, String problem, String remedy,
			@Nullable Throwable cause) {
		super(1, String.format(Locale.ROOT, "The declaration in %s is not valid: %s", PrintableText.name(source),
				PrintableText.line(problem)), cause);
		this.source = PrintableText.name(source);
		this.remedy = PrintableText.line(remedy);
	}

	/**
	 * Returns where it is declared.
	 * @return the name of the file
	 */
	public String getSource() {
		return this.source;
	}

	@Override
	public String getAction() {
		return this.remedy;
	}

}
