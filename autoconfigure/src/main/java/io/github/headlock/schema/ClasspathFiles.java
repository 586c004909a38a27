package io.github.headlock.schema;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Lists the files below folders of the class path, in folders on disk and in jars, those
 * in Spring Boot's jars included.
 */
final class ClasspathFiles implements Closeable {

	/** Flyway lists another folder of such an archive. */
	private static final String WEB_ARCHIVE = ".war";

	/** Files that take the place of others in some versions of Java. */
	private static final String OTHER_JAVA = "META-INF/versions/";

	private final ClassLoader classLoader;

	/** Content of each file by its path below its folder. */
	private final Map<String, Callable<byte[]>> files = new TreeMap<>();

	private final List<JarFile> jars = new ArrayList<>();

	/**
	 * Prepares a list.
	 * @param classLoader finds the folders
	 */
	ClasspathFiles(ClassLoader classLoader) {
		this.classLoader = classLoader;
	}

	/**
	 * Adds the files of a folder.
	 * @param folder its path
	 * @return whether they are all listed; {@code false} if there is no such folder, it
	 * is neither on disk nor in a jar, or something in it is special
	 * @throws IOException if it cannot be read
	 */
	boolean add(String folder) throws IOException {
		Iterable<URL> urls = Collections.list(this.classLoader.getResources(folder));
		boolean found = false;
		for (URL url : urls) {
			found = true;
			boolean complete = switch (url.getProtocol()) {
				case "file" -> addFolder(url);
				case "jar" -> addJar(folder, url);
				default -> false;
			};
			if (!complete) {
				return false;
			}
		}
		return found;
	}

	/**
	 * Returns what was found.
	 * @return what reads each file, by its path below its folder, with slashes
	 */
	Map<String, Callable<byte[]>> files() {
		return this.files;
	}

	private boolean addFolder(URL url) throws IOException {
		try {
			Path root = Path.of(url.toURI());
			return Files.isDirectory(root) && addFiles(root, root.toFile());
		}
		catch (URISyntaxException | IllegalArgumentException ex) {
			return false;
		}
	}

	private boolean addFiles(Path root, File folder) {
		File[] children = folder.listFiles();
		if (children == null) {
			return false;
		}
		for (File child : children) {
			boolean listed = !child.isHidden() && child.canRead()
					&& (child.isDirectory() ? !Files.isSymbolicLink(child.toPath()) && addFiles(root, child)
							: add(relativize(root, child), () -> Files.readAllBytes(child.toPath())));
			if (!listed) {
				return false;
			}
		}
		return true;
	}

	private static String relativize(Path root, File file) {
		return root.relativize(file.toPath()).toString().replace(File.separatorChar, '/');
	}

	private boolean addJar(String folder, URL url) throws IOException {
		if (!(url.openConnection() instanceof JarURLConnection connection)) {
			return false;
		}
		// otherwise that of a jar that has been replaced
		connection.setUseCaches(false);
		JarFile jar = connection.getJarFile();
		this.jars.add(jar);
		String root = folder + "/";
		if (jar.getEntry(root) == null || jar.getName().toLowerCase(Locale.ROOT).endsWith(WEB_ARCHIVE)) {
			return false;
		}
		for (JarEntry entry : Collections.list(jar.entries())) {
			String name = entry.getName();
			boolean listed = name.startsWith(root)
					? entry.isDirectory()
							|| add(name.substring(root.length()), () -> jar.getInputStream(entry).readAllBytes())
					: !(name.startsWith(OTHER_JAVA) && name.contains(root));
			if (!listed) {
				return false;
			}
		}
		return true;
	}

	/** Two of the same path hide each other in ways that depend on the class loader. */
	private boolean add(String path, Callable<byte[]> content) {
		return this.files.put(path, content) == null;
	}

	/** Closes the jars; the files cannot be read any more. */
	@Override
	public void close() throws IOException {
		for (JarFile jar : this.jars) {
			jar.close();
		}
	}

}
