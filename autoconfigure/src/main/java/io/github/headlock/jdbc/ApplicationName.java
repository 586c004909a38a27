package io.github.headlock.jdbc;

/**
 * Names the sessions of this process in {@code pg_stat_activity}, so that whoever waits
 * can read which pod holds the lock.
 */
public final class ApplicationName {

	/** PostgreSQL cuts longer names, NAMEDATALEN. */
	private static final int MAX_LENGTH = 63;

	private static final String OF_THIS_PROCESS = of(host());

	private ApplicationName() {
	}

	/**
	 * Returns the application name of this process, at most 63 characters long.
	 * @return "headlock" and the name of the host, in Kubernetes the name of the pod
	 */
	public static String ofThisProcess() {
		return OF_THIS_PROCESS;
	}

	/**
	 * Keeps the end of a long name, because that is what tells pods of one deployment
	 * apart.
	 */
	static String of(String host) {
		String prefix = "headlock ";
		int room = MAX_LENGTH - prefix.length();
		return prefix + ((host.length() > room) ? host.substring(host.length() - room) : host);
	}

	private static String host() {
		return HostName.ofThisHost().orElseGet(() -> "process " + ProcessHandle.current().pid());
	}

}
