package io.github.headlock.schema;

import java.sql.Connection;
import java.sql.SQLException;

import io.github.headlock.SchemaStatus;

/**
 * Looks whether the schema is at the head of what this release contains.
 */
public interface SchemaProbe {

	/**
	 * Looks once, with one statement that only reads. May be called in autocommit mode or
	 * in a transaction, which stays usable whatever is found; from several threads, each
	 * with its own connection.
	 * <p>
	 * Says {@link io.github.headlock.SchemaState#AT_HEAD AT_HEAD} or
	 * {@link io.github.headlock.SchemaState#AHEAD AHEAD} only when certain. A database
	 * that refuses to answer, or migrations that cannot be listed, are
	 * {@link io.github.headlock.SchemaState#UNKNOWN UNKNOWN} with the reason.
	 * @param connection the connection to look through
	 * @return what was found
	 * @throws SQLException if the connection is lost
	 */
	SchemaStatus look(Connection connection) throws SQLException;

}
