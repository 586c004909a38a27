package io.github.headlock.consumer;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.headlock.testbed.PostgresServer;

/**
 * A server with the database and the role that the pages name.
 */
final class ShopDatabase implements AutoCloseable {

	private final PostgresServer server = PostgresServer.start(Map.of());

	ShopDatabase() {
		execute("postgres", "CREATE ROLE shop LOGIN PASSWORD 'secret'");
		execute("postgres", "CREATE DATABASE shop OWNER shop");
	}

	/** What leads an application to this server. */
	Map<String, String> environment() {
		return Map.of("SPRING_DATASOURCE_URL", this.server.url("shop"), "SPRING_DATASOURCE_USERNAME", "shop",
				"SPRING_DATASOURCE_PASSWORD", "secret");
	}

	/** How many successful migrations the history table has. */
	int migrations() {
		return number("SELECT count(*) FROM flyway_schema_history WHERE success");
	}

	int number(String query) {
		return Integer.parseInt(column(query).get(0));
	}

	/** All tables outside PostgreSQL's own schemas. */
	List<String> tables() {
		return column("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace NOT IN "
				+ "('pg_catalog'::regnamespace, 'information_schema'::regnamespace) ORDER BY 1");
	}

	private List<String> column(String query) {
		List<String> values = new ArrayList<>();
		try (Connection connection = this.server.connect("shop");
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(query)) {
			while (rows.next()) {
				values.add(rows.getString(1));
			}
			return values;
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void execute(String database, String sql) {
		try (Connection connection = this.server.connect(database);
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		this.server.close();
	}

}
