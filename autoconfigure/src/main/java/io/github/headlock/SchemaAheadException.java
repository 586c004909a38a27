package io.github.headlock;

/**
 * Thrown when the database has newer migrations than this release carries and
 * {@code headlock.on-schema-ahead=fail} is set. Nothing was changed. Exit code 13.
 */
public class SchemaAheadException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final SchemaStatus status;

	/**
	 * Creates the exception.
	 * @param schema name of the schema that holds the history table
	 * @param status the schema at the last look
	 */
	public SchemaAheadException(String schema, SchemaStatus status) {
		super(13, "Schema \"%s\" is at version %s, ahead of this release's version %s".formatted(schema,
				status.currentVersion(), status.headVersion()), null);
		this.status = status;
	}

	/**
	 * Returns the schema at the last look.
	 * @return the status
	 */
	public SchemaStatus getStatus() {
		return this.status;
	}

}
