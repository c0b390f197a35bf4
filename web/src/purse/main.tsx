import "@/ui/styles.css";
