package io.github.headlock.lock;

import java.io.Serializable;
import java.time.Instant;

import io.github.headlock.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * Holds what the database tells about the session that holds a lock, or about the
 * prepared transaction that does. Its role is the server's word, its application name
 * that of whoever opened it, who may choose any. Address and time of other roles'
 * sessions are shown only to members of {@code pg_read_all_stats}.
 *
 * @param pid process id of the server process, 0 for a prepared transaction
 * @param role name of the role it was opened by, {@code null} if it ended meanwhile
 * @param applicationName application name of the session, {@code null} if it has none
 * @param host address of its client, {@code null} if hidden or a Unix-domain socket;
 * behind a pooler this is the pooler
 * @param since when its transaction began or was prepared, {@code null} if hidden
 * @param preparedTransaction identifier of the prepared transaction, {@code null} if it
 * is a session
 * @see <a href=
 * "https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW">pg_stat_activity</a>
 */
public record LockHolder(int pid, @Nullable String role, @Nullable String applicationName, @Nullable String host,
		@Nullable Instant since, @Nullable String preparedTransaction) implements Serializable {

	/**
	 * Makes printable what the session says of itself.
	 * @param pid process id, 0 for a prepared transaction
	 * @param role name of the role, with any characters, or {@code null}
	 * @param applicationName application name, with any characters, or {@code null}
	 * @param host address of the client, or {@code null}
	 * @param since when its transaction began or was prepared, or {@code null}
	 * @param preparedTransaction identifier, with any characters, {@code null} for a
	 * session
	 */
	public LockHolder {
		role = PrintableText.nameOrNull(role);
		applicationName = PrintableText.nameOrNull(applicationName);
		host = PrintableText.nameOrNull(host);
		preparedTransaction = PrintableText.nameOrNull(preparedTransaction);
	}

	@Override
	public String toString() {
		if (this.preparedTransaction != null) {
			return "prepared transaction \"" + this.preparedTransaction + "\" of role \"" + this.role + '"'
					+ ((this.since != null) ? ", since " + this.since : "");
		}
		StringBuilder text = new StringBuilder("pid ").append(this.pid);
		if (this.role != null) {
			text.append(", role \"").append(this.role).append('"');
		}
		if (this.applicationName != null) {
			text.append(", application \"").append(this.applicationName).append('"');
		}
		if (this.host != null) {
			text.append(", host ").append(this.host);
		}
		if (this.since != null) {
			text.append(", since ").append(this.since);
		}
		return text.toString();
	}

}
