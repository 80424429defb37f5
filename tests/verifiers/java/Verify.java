import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.security.cert.CRL;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import sun.security.util.HostnameChecker;

/**
 * Verifies certificate chains as a Java TLS endpoint does: the PKIX CertPathValidator within the TLS trust manager, which adds
 * the purpose. Each line of standard input is a question, see ../chain-program.ts; each line of standard output the answer:
 * nothing, or why not.
 */
class Verify {
    public static void main(String[] args) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null; ) {
            String answer = "";
            try {
                verify(line.split("\t", -1));
            } catch (Exception e) {
                answer = reasonOf(e).replaceAll("\\s+", " ");
            }
            System.out.println(answer);
        }
    }

    private static void verify(String[] fields) throws Exception {
        X509Certificate root = certificates(fields[3]).get(0);
        X509Certificate[] chain = certificates(fields[4]).toArray(X509Certificate[]::new);
        PKIXBuilderParameters parameters =
            new PKIXBuilderParameters(Set.of(new TrustAnchor(root, null)), new X509CertSelector());
        parameters.setDate(Date.from(Instant.parse(fields[2])));
        parameters.setRevocationEnabled(!fields[5].equals("unchecked"));
        if (parameters.isRevocationEnabled()) {
            CollectionCertStoreParameters lists = new CollectionCertStoreParameters(crls(fields[5]));
            parameters.addCertStore(CertStore.getInstance("Collection", lists));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(new CertPathTrustManagerParameters(parameters));
        X509TrustManager manager = (X509TrustManager) factory.getTrustManagers()[0];
        String authType = chain[0].getPublicKey().getAlgorithm();
        if (fields[0].equals("sslclient")) {
            manager.checkClientTrusted(chain, authType);
        } else {
            manager.checkServerTrusted(chain, "UNKNOWN");
        }
        if (!fields[1].isEmpty()) {
            HostnameChecker.getInstance(HostnameChecker.TYPE_TLS).match(fields[1], chain[0]);
        }
    }

    /** The validator's reason is the innermost one that has one. */
    private static String reasonOf(Throwable e) {
        String text = e.toString();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            text = cause.getMessage();
            if (cause instanceof CertPathValidatorException found) {
                text = found.getReason() + ": " + text;
            }
        }
        return text;
    }

    private static List<X509Certificate> certificates(String field) throws Exception {
        List<X509Certificate> all = new ArrayList<>();
        for (byte[] der : ders(field)) {
            all.add((X509Certificate) factory().generateCertificate(new ByteArrayInputStream(der)));
        }
        return all;
    }

    private static List<CRL> crls(String field) throws Exception {
        List<CRL> all = new ArrayList<>();
        for (byte[] der : ders(field)) {
            all.add(factory().generateCRL(new ByteArrayInputStream(der)));
        }
        return all;
    }

    private static List<byte[]> ders(String field) {
        return field.isEmpty() ? List.of() : List.of(field.split(" ")).stream().map(Base64.getDecoder()::decode).toList();
    }

    private static CertificateFactory factory() throws Exception {
        return CertificateFactory.getInstance("X.509");
    }
}
