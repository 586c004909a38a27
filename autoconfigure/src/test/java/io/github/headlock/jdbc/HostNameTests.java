package io.github.headlock.jdbc;

import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where the name of the host comes from.
 */
class HostNameTests {

	private static final Callable<String> NOT_TO_BE_ASKED = () -> {
		throw new AssertionError("Resolved");
	};

	@TempDir
	private Path folder;

	@Test
	void theEnvironmentComesFirst() throws Exception {
		assertThat(new HostName(Map.of("HOSTNAME", "pod"), files("file"), NOT_TO_BE_ASKED).find()).contains("pod");
		assertThat(new HostName(Map.of("COMPUTERNAME", "PC"), files("file"), NOT_TO_BE_ASKED).find()).contains("PC");
	}

	@Test
	void theOperatingSystemComesBeforeTheNameService() throws Exception {
		assertThat(new HostName(Map.of("HOSTNAME", " "), files("", "file\n"), NOT_TO_BE_ASKED).find()).contains("file");
	}

	@Test
	void theNameServiceIsAskedLast() {
		List<Path> missing = List.of(this.folder.resolve("missing"));
		assertThat(new HostName(Map.of(), missing, () -> "resolved").find()).contains("resolved");
		assertThat(new HostName(Map.of(), missing, () -> {
			throw new UnknownHostException();
		}).find()).isEmpty();
	}

	@Test
	@Timeout(30)
	void aNameServiceThatNeverAnswersIsNotWaitedFor() {
		assertThat(new HostName(Map.of(), List.of(), () -> {
			new CountDownLatch(1).await();
			return "never";
		}).find()).isEmpty();
	}

	@Test
	void aProcessWhoseNameDoesNotResolveNamesItsSessionsAfterItsHost() throws Exception {
		TestDatabase database = TestDatabase.create();
		Replica replica = Replica.of(database.url(), "gated").withEnvironment("HOSTNAME", "");
		try (Connection gate = database.gate();
				ReplicaProcess process = ReplicaProcess.start(ReplicaProcess.Main.class, replica,
						"-Djdk.net.hosts.file=" + this.folder.resolve("missing"))) {
			database.awaitMigrationAtTheGate();
			String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
			assertThat(database.list("SELECT DISTINCT application_name FROM pg_stat_activity "
					+ "WHERE datname = current_database() AND application_name LIKE 'headlock %'"))
				.containsExactly(ApplicationName.of(host));
		}
	}

	private List<Path> files(String... contents) throws IOException {
		Path[] files = new Path[contents.length];
		for (int i = 0; i < contents.length; i++) {
			files[i] = Files.writeString(this.folder.resolve("file" + i), contents[i]);
		}
		return List.of(files);
	}

}
