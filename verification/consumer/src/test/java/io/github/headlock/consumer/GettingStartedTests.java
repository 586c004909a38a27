package io.github.headlock.consumer;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.headlock.consumer.Page.Block;
import io.github.headlock.testbed.LoggedProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Follows the page: writes its files, runs its commands, and compares their output with
 * what it shows. Only what leads out of the machine is left out, which is the clone and
 * Docker's server.
 */
class GettingStartedTests {

	/** Lasts until the replicas have started, where the page tells to wait. */
	private static final String WAIT = """
			trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
			for try in $(seq 1500); do
			  [ "$(cat replica-*.log | grep -c 'Started ShopApplication')" = 3 ] && break
			  sleep 0.2
			done
			""";

	private final Deque<Block> blocks = new ArrayDeque<>(Page.read("docs/getting-started.md").blocks());

	private final Installation installation = Installation.fromClone();

	private final ShopDatabase database = new ShopDatabase();

	@AfterEach
	void stop() {
		this.database.close();
	}

	@Test
	void leadsFromAnEmptyFolderToARollout() throws Exception {
		assertThat(next("shell")).isEqualTo("""
				git clone https://github.com/headlock/headlock.git
				cd headlock
				%s
				cd ..
				""".formatted(Installation.COMMAND));
		Path shop = Installation.emptyFolder("shop");
		writeFiles(shop, 4);
		assertThat(next("shell")).startsWith("docker run ")
			.contains("POSTGRES_USER=shop", "POSTGRES_PASSWORD=secret", "5432:5432");
		startAndProbe(shop);
		writeFiles(shop, 2);
		rollOut(shop);
		assertThat(this.blocks).isEmpty();
	}

	private void startAndProbe(Path shop) throws Exception {
		String build = next("shell");
		assertThat(build).startsWith("mvn -B package\njava ");
		int port = freePort();
		Map<String, String> environment = new HashMap<>(this.database.environment());
		environment.put("SERVER_PORT", String.valueOf(port));
		Pattern ready = pattern(next("text"));
		String[] curl = next("shell").trim().split(" ");
		assertThat(curl).startsWith("curl");
		HttpRequest probe = HttpRequest.newBuilder(URI.create("http://" + curl[2].replace(":8080", ":" + port)))
			.build();
		try (LoggedProcess application = this.installation.shell(build.replace("\njava ", "\nexec java "))
			.environment(environment)
			.start(shop, shop.resolve("first.log"))) {
			await().atMost(Duration.ofMinutes(5))
				.until(() -> !application.isAlive() || application.log().contains("Started ShopApplication"));
			assertThat(application.log().text()).containsPattern(ready);
			assertThat(HttpClient.newHttpClient().send(probe, BodyHandlers.ofString()).body())
				.isEqualTo("{\"status\":\"UP\"}");
		}
	}

	private void rollOut(Path shop) {
		String start = next("shell");
		String look = next("shell");
		List<Pattern> expected = next("text").lines().map(GettingStartedTests::pattern).toList();
		String commands = start + WAIT + look + next("shell") + "wait\n";
		String output = this.installation.shell(commands).environment(this.database.environment()).run(shop);
		// Maven ends its output with control characters and without a line feed
		List<String> lines = Pattern.compile("Database ready.*")
			.matcher(output)
			.results()
			.map(MatchResult::group)
			.toList();
		assertThat(lines).hasSize(3)
			.allMatch((line) -> line.contains("at head already, ")
					|| expected.stream().anyMatch((each) -> each.matcher(line).matches()))
			.filteredOn((line) -> line.contains("(migrated "))
			.hasSize(1);
		assertThat(this.database.migrations()).isEqualTo(3);
		assertThat(this.database
			.number("SELECT count(*) FROM pg_index WHERE indisvalid AND indexrelid = 'orders_customer'::regclass"))
			.isOne();
	}

	private String next(String language) {
		Block block = this.blocks.remove();
		assertThat(block.language()).isEqualTo(language);
		assertThat(block.isFile()).isFalse();
		return block.text();
	}

	private void writeFiles(Path folder, int number) {
		for (int i = 0; i < number; i++) {
			Block file = this.blocks.remove();
			assertThat(file.isFile()).isTrue();
			file.writeTo(folder);
		}
	}

	/** Matches the line with other times. */
	private static Pattern pattern(String line) {
		return Pattern.compile(Arrays.stream(line.trim().split("\\d+\\.\\d s", -1))
			.map(Pattern::quote)
			.collect(Collectors.joining("\\d+\\.\\d s")));
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

}
