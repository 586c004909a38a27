package io.github.headlock.campaign;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What runs leave, and that they keep out of each other's way.
 */
class RunFolderTests {

	@TempDir
	private Path target;

	@Test
	void aSecondRunIsRefusedWithoutAnyHarmToTheFirst() throws Exception {
		ByteArrayOutputStream output = new ByteArrayOutputStream();
		try (RunFolder first = RunFolder.open(this.target)) {
			Files.writeString(first.path().resolve("evidence"), "!");
			Campaign second = new Campaign(this.target, new PrintStream(output, true, StandardCharsets.UTF_8));
			assertThat(second.run(new long[] { 1 }, CampaignOptions.parse())).isEqualTo(2);
			assertThat(output.toString(StandardCharsets.UTF_8))
				.contains("another campaign runs on " + this.target + ": wait for its end");
			assertThat(first.path().resolve("evidence")).exists();
		}
	}

	@Test
	void theEvidenceOfTheLastRunsIsKept() throws IOException {
		List<Path> paths = new ArrayList<>();
		for (int i = 0; i < 7; i++) {
			try (RunFolder folder = RunFolder.open(this.target)) {
				Files.writeString(Files.createDirectories(folder.path().resolve("lane-0")).resolve("log"), "!");
				paths.add(folder.path());
			}
		}
		assertThat(paths).filteredOn(Files::exists).isEqualTo(paths.subList(2, 7));
	}

}
