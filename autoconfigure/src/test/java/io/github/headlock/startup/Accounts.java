package io.github.headlock.startup;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What {@link FirstAdministrator} works on.
 */
class Accounts {

	private final JdbcTemplate jdbc;

	Accounts(JdbcTemplate jdbc) {
		this.jdbc = jdbc;
	}

	boolean isEmpty() {
		return this.jdbc.queryForList("SELECT name FROM account").isEmpty();
	}

	void addAdministrator() {
		this.jdbc.update("INSERT INTO account VALUES ('administrator')");
	}

}
