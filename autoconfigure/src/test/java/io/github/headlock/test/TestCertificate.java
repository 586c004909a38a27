package io.github.headlock.test;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A certificate of a host, signed by itself, and its key, in files that everybody may
 * read.
 *
 * @param certificate the file of the certificate
 * @param key the file of the key
 */
public record TestCertificate(Path certificate, Path key) {

	private static final String PASSWORD = "password";

	/** Creates them in an empty folder. */
	public static TestCertificate create(Path folder, String host) {
		try {
			Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
			Path store = folder.resolve("store.p12");
			Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
					"-genkeypair", "-alias", "test", "-keyalg", "RSA", "-dname", "CN=" + host, "-storetype", "PKCS12",
					"-keystore", store.toString(), "-storepass", PASSWORD)
				.redirectErrorStream(true)
				.redirectOutput(folder.resolve("keytool.log").toFile())
				.start();
			if (keytool.waitFor() != 0) {
				throw new IllegalStateException(Files.readString(folder.resolve("keytool.log")));
			}
			KeyStore keys = KeyStore.getInstance("PKCS12");
			try (InputStream stream = Files.newInputStream(store)) {
				keys.load(stream, PASSWORD.toCharArray());
			}
			return new TestCertificate(
					pem(folder.resolve("host.crt"), "CERTIFICATE", keys.getCertificate("test").getEncoded()),
					pem(folder.resolve("host.key"), "PRIVATE KEY",
							keys.getKey("test", PASSWORD.toCharArray()).getEncoded()));
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private static Path pem(Path file, String kind, byte[] content) throws IOException {
		String lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
		return Files.writeString(file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, lines, kind));
	}

}
