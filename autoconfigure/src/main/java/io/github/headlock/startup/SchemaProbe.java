package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Looks, in a process that has started, where the schema and the application's roles
 * stand.
 */
public interface SchemaProbe {

	/**
	 * Looks once, with one message to the server that only reads, and with a second one
	 * while there is a record of blocked roles. May be called from several threads, each
	 * with its own connection.
	 * <p>
	 * Says {@link io.github.headlock.SchemaState#AT_HEAD AT_HEAD} or
	 * {@link io.github.headlock.SchemaState#AHEAD AHEAD} only when certain. A database
	 * that refuses to answer, or migrations that cannot be listed, are
	 * {@link io.github.headlock.SchemaState#UNKNOWN UNKNOWN} with the reason.
	 * @param connection the connection to look through, in autocommit mode
	 * @return what was found
	 * @throws SQLException if the connection is lost
	 */
	SchemaLook look(Connection connection) throws SQLException;

}
