package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;

import io.github.headlock.SchemaState;

/**
 * Tells where the schema stands, seen from this release.
 */
public interface HeadProbe {

	/**
	 * Looks once.
	 * @param connection the connection to look through, in autocommit mode
	 * @return the state
	 * @throws SQLException if the connection is lost
	 */
	SchemaState look(Connection connection) throws SQLException;

}
