package io.github.headlock.sample;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Prometheus's own checker. Needs the {@code prometheus} package of the operating system.
 */
final class Promtool {

	private Promtool() {
	}

	/**
	 * Runs it to its end.
	 * @param arguments its command and the file that it reads
	 * @return what it says, and whether it finds a fault
	 * @throws IOException if it is not installed
	 */
	static Verdict run(String... arguments) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(List.of("promtool"));
		command.addAll(List.of(arguments));
		Process process;
		try {
			process = new ProcessBuilder(command).redirectErrorStream(true).start();
		}
		catch (IOException ex) {
			throw new IOException(
					"promtool is not installed; on Debian and Ubuntu: apt-get install --no-install-recommends prometheus",
					ex);
		}
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		return new Verdict(process.waitFor() == 0, output);
	}

	record Verdict(boolean passed, String output) {
	}

}
