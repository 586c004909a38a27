package io.github.headlock.jdbc;

import java.io.Serializable;
import java.time.Duration;
import java.util.Locale;

import io.github.headlock.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * Holds what the database tells about a session of an application, about a prepared
 * transaction that it left, or about a process of the server's own, such as an autovacuum
 * worker. Never what it executes. A role that is no member of {@code pg_read_all_stats}
 * is not told the client, the state and the age of other roles' sessions.
 *
 * @param pid process id of the server process, 0 for a prepared transaction
 * @param role name of the role it was opened by, empty for a process of the server's own
 * @param applicationName application name, {@code null} if it has none
 * @param client address of its client, {@code null} if it is a Unix-domain socket or
 * unknown; behind a pooler this is the pooler
 * @param state what it is doing, such as "idle in transaction", {@code null} if unknown;
 * of a process of the server's own, what it is
 * @param age time since it was opened or prepared, {@code null} if unknown
 * @see <a href=
 * "https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW">pg_stat_activity</a>
 */
public record DatabaseSession(int pid, String role, @Nullable String applicationName, @Nullable String client,
		@Nullable String state, @Nullable Duration age) implements Serializable {

	/**
	 * Makes printable what the session says of itself.
	 * @param pid process id, 0 for a prepared transaction
	 * @param role name of the role, with any characters, or empty
	 * @param applicationName application name, with any characters, or {@code null}
	 * @param client address of the client, or {@code null}
	 * @param state what it is doing, or {@code null}
	 * @param age time since it was opened or prepared, or {@code null}
	 */
	public DatabaseSession {
		role = PrintableText.name(role);
		applicationName = PrintableText.nameOrNull(applicationName);
		client = PrintableText.nameOrNull(client);
		state = PrintableText.nameOrNull(state);
	}

	/**
	 * Returns whether this is a process of the server's own, which no application has
	 * opened.
	 * @return {@code true} for an autovacuum worker
	 */
	public boolean isOfServer() {
		return this.role.isEmpty();
	}

	@Override
	public String toString() {
		if (this.pid == 0) {
			return this.state + ", role \"" + this.role + '"' + age(", prepared %d s ago");
		}
		if (isOfServer()) {
			return "pid " + this.pid + ", " + this.state + age(", started %d s ago");
		}
		StringBuilder text = new StringBuilder("pid ").append(this.pid)
			.append(", role \"")
			.append(this.role)
			.append('"');
		if (this.applicationName != null) {
			text.append(", application \"").append(this.applicationName).append('"');
		}
		if (this.client != null) {
			text.append(", client ").append(this.client);
		}
		if (this.state != null) {
			text.append(", ").append(this.state);
		}
		return text.append(age(", connected for %d s")).toString();
	}

	private String age(String wording) {
		return (this.age != null) ? String.format(Locale.ROOT, wording, this.age.toSeconds()) : "";
	}

}
