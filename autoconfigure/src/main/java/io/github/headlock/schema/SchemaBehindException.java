package io.github.headlock.schema;

import java.time.Duration;
import java.util.Locale;

import io.github.headlock.HeadlockException;
import io.github.headlock.SchemaStatus;

/**
 * Thrown when the schema is not at head, this process skips migrations, and
 * {@code headlock.on-schema-behind} does not let it start like that. Nothing was changed.
 * Exit code 13.
 */
public class SchemaBehindException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private static final String SETTING = "headlock.on-schema-behind decides how this process starts until then: report "
			+ "starts and reports it in health, wait waits for at most headlock.schema-wait-timeout, fail ends the start.";

	private final SchemaStatus status;

	private final Duration waited;

	/**
	 * Creates the exception.
	 * @param schema name of the schema that holds the history table
	 * @param status the schema at the last look
	 * @param waited how long this process has waited, zero if it was not to wait
	 */
	public SchemaBehindException(String schema, SchemaStatus status, Duration waited) {
		super(13, message(schema, status, waited), null);
		this.status = status;
		this.waited = waited;
	}

	private static String message(String schema, SchemaStatus status, Duration waited) {
		String after = waited.isZero() ? ""
				: String.format(Locale.ROOT, ", after waiting for %.1f s", waited.toMillis() / 1000.0);
		return String.format(Locale.ROOT, "Schema \"%s\" is %s%s: %s", schema, status.state(), after, status.reason());
	}

	/**
	 * Returns the schema at the last look.
	 * @return the status
	 */
	public SchemaStatus getStatus() {
		return this.status;
	}

	/**
	 * Returns how long this process has waited.
	 * @return the time, zero if it was not to wait
	 */
	public Duration getWaited() {
		return this.waited;
	}

	@Override
	public String getDescription() {
		return getMessage() + ". headlock.skip-migrations=true is set, so nothing was changed.";
	}

	@Override
	public String getAction() {
		return switch (this.status.state()) {
			case FAILED ->
				"Repair the schema: the process that migrates, such as the Job of this release, is refused as "
						+ "well, and its error names the statements. Then let it migrate, and start again. " + SETTING;
			case UNKNOWN -> "Remove what keeps the history table from being read, and start again. " + SETTING;
			default -> migrate();
		};
	}

	private String migrate() {
		return ((this.status.pending() > 0)
				? "Let the process that migrates, such as the Job of this release, do its work, and start again. "
				: "No migration is pending, so the process that migrates, such as the Job of this release, may be refused "
						+ "as well: compare the release with the database, start that process, and follow its error. ")
				+ SETTING;
	}

}
