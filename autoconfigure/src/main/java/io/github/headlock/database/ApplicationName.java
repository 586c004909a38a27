package io.github.headlock.database;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Names the sessions of this process in {@code pg_stat_activity}, so that whoever waits
 * can read which pod holds the lock.
 */
public final class ApplicationName {

	private static final String OF_THIS_PROCESS = "headlock " + host();

	private ApplicationName() {
	}

	/**
	 * Returns the application name of this process. The server cuts it at 63 bytes.
	 * @return "headlock" and the name of the host, in Kubernetes the name of the pod
	 */
	public static String ofThisProcess() {
		return OF_THIS_PROCESS;
	}

	private static String host() {
		String host = System.getenv("HOSTNAME");
		if (host != null && !host.isBlank()) {
			return host;
		}
		try {
			return InetAddress.getLocalHost().getHostName();
		}
		catch (UnknownHostException ex) {
			return "process " + ProcessHandle.current().pid();
		}
	}

}
